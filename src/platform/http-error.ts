import { LanshareError, systemErrorCode } from '../errors.ts';

/** What kept an HTTP request from being answered, as a sentence about `host`. */
export function httpError(error: unknown, host: string): LanshareError {
  if (error instanceof LanshareError) return error;
  return new LanshareError('NETWORK', sentence(error, host), 'check the address and the network', {
    cause: error,
  });
}

function sentence(error: unknown, host: string): string {
  const code = systemErrorCode(error) ?? '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `cannot find the address of ${host}`;
    case 'ECONNREFUSED':
      return `${host} refuses connections`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} broke the connection off`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `${host} cannot be reached`;
  }
  if (code.startsWith('HPE_')) return `${host} does not speak HTTP`;
  if (code.startsWith('Z_')) return `${host} sent damaged compressed data`;
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code))
    return `the certificate of ${host} is not valid (${code})`;
  return `${host} cannot be asked: ${code || (error instanceof Error ? error.message : String(error))}`;
}
