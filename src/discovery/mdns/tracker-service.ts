import type { NetworkInterface } from '../../platform/interfaces.ts';
import type { Random } from '../../platform/random.ts';
import type { DnsQuestion, DnsRecord } from './dns-record.ts';
import {
  type Answers,
  addressRecords,
  answersAmong,
  matching,
  ours,
  type ServiceNames,
  shared,
  typeRecord,
} from './service-records.ts';
import { TRACKER_SERVICE_TYPE } from './service-types.ts';

/** A BitTorrent tracker's UDP port (BEP 15), under the name that BEP 22 gives the service. */
export interface TrackerService {
  readonly names: ServiceNames;
  readonly port: number;
}

/** Random, as those of nodes. */
export function trackerNames(random: Random): ServiceNames {
  const digits = Buffer.from(random.bytes(8)).toString('hex');
  const host = `lanshare-tracker-${digits}`;
  return { instance: `${host}.${TRACKER_SERVICE_TYPE}`, host: `${host}.local` };
}

/** Everything to announce on one link. */
export function trackerRecords(service: TrackerService, one: NetworkInterface): readonly DnsRecord[] {
  return [...pointers(service), ...uniqueRecords(service, one)];
}

export function trackerAnswers(
  question: DnsQuestion,
  service: TrackerService,
  one: NetworkInterface,
): Answers {
  const asked = matching(question, pointers(service));
  return answersAmong(question, asked, service.names, uniqueRecords(service, one));
}

function pointers({ names }: TrackerService): readonly DnsRecord[] {
  return [
    typeRecord(TRACKER_SERVICE_TYPE),
    shared(TRACKER_SERVICE_TYPE, { type: 'PTR', data: names.instance }),
  ];
}

function uniqueRecords({ names, port }: TrackerService, one: NetworkInterface): readonly DnsRecord[] {
  return [
    ours(names.instance, { type: 'SRV', data: { port, target: names.host } }),
    ours(names.instance, { type: 'TXT', data: [Buffer.from('v=1')] }),
    ...addressRecords(names.host, one),
  ];
}
