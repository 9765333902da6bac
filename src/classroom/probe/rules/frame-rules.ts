import { broken, type Finding, inEach, keptUnless, type Rule } from './rule.ts';

export const frameRules: readonly Rule[] = [
  {
    rule: 'message-length',
    text: 'Each message has a 4-byte big-endian length, which counts the type and the payload that the type has.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'no message came',
    judge: inEach((conversation) => {
      const messages = conversation.entries.filter(
        ({ by, said }) => by === 'program' && !['handshake', 'closed'].includes(said.type),
      );
      const breaches = messages.flatMap((entry): Finding[] => {
        const { said } = entry;
        if (said.type === 'unreadable') return [broken(conversation, entry, said.text)];
        if (said.type === 'misshapen')
          return [broken(conversation, entry, `'${said.name}' with a payload of ${said.payloadBytes} bytes`)];
        return [];
      });
      return keptUnless(breaches, messages.length > 0);
    }),
  },
  {
    rule: 'message-type',
    text: 'Each message has one of the types 0 to 7.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'no message came',
    judge: inEach((conversation) => {
      const messages = conversation.entries.filter(
        ({ by, said }) => by === 'program' && said.type !== 'handshake',
      );
      const breaches = messages.flatMap((entry): Finding[] =>
        entry.said.type === 'unknown'
          ? [broken(conversation, entry, `a message of type ${entry.said.frameType}`)]
          : [],
      );
      return keptUnless(
        breaches,
        messages.some(({ said }) => said.type !== 'closed' && said.type !== 'unreadable'),
      );
    }),
  },
];
