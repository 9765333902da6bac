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
    return `the certificate of ${host} is not valid: ${certificateFault(code)}`;
  return `${host} cannot be asked: ${code || (error instanceof Error ? error.message : String(error))}`;
}

/** OpenSSL's codes of what is most often wrong, in words; with what helps, where the user can do something. */
function certificateFault(code: string): string {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'it has signed it itself (if you trust it, name the certificate in NODE_EXTRA_CA_CERTS)';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'an authority that is not known here has signed it (if you trust that, name its certificate in NODE_EXTRA_CA_CERTS)';
    case 'CERT_HAS_EXPIRED':
      return 'its time is over';
    case 'CERT_NOT_YET_VALID':
      return 'its time has not begun; is the clock right?';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'it is for another name';
    default:
      return code;
  }
}
