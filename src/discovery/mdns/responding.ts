import { questionBytes } from './dns-record.ts';
import { inDatagrams } from './in-datagrams.ts';
import type { MdnsCodec } from './mdns-codec.ts';
import type { ResponderOptions } from './responder.ts';

/** How a responder's answers go out by a codec. */
export function responding(codec: MdnsCodec): Pick<ResponderOptions, 'multicast' | 'unicast'> {
  return {
    multicast(answers, additionals) {
      for (const part of inDatagrams(answers, additionals, 0)) codec.send({ kind: 'response', ...part });
    },
    unicast({ id, questions, answers, additionals }, to) {
      const questionsBytes = questions.reduce((sum, question) => sum + questionBytes(question), 0);
      for (const part of inDatagrams(answers, additionals, questionsBytes))
        codec.send({ kind: 'response', id, questions, ...part }, to);
    },
  };
}
