import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '../../../src/tracker-server/http/pages/html.ts';
import { prefersHtml } from '../../../src/tracker-server/http/pages/prefers-html.ts';
import { prometheusText } from '../../../src/tracker-server/observe/prometheus.ts';

describe('a page', () => {
  it('has no markup but its own, whatever the names are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', '\u2028', 'ä') }),
        (name) => {
          expect(
            html`<a title="${name}">${name}</a>`.markup.replace(/&(?:amp|lt|gt|quot|#39);/g, ''),
          ).toMatch(/^<a title="[^<>"'&]*">[^<>"'&]*<\/a>$/);
        },
      ),
    );
  });

  it('is made of parts that are escaped once', () => {
    const item = (name: string) => html`<li>${name}</li>`;
    expect(html`<ul>${[item('a&b'), item('c')]}</ul>${3}`.markup).toBe(
      '<ul><li>a&amp;b</li><li>c</li></ul>3',
    );
  });
});

describe('who would rather have a page than JSON', () => {
  const CASES: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['application/json', false],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['TEXT/HTML ; q=0.9 , application/json;q=0.5', true],
    ['text/html;q=0.5, application/json', false],
    ['text/html, application/json', false],
    ['text/html;q=0', false],
    ['text/*', true],
    ['text/html;level=1;q=nonsense', true],
  ];
  for (const [accept, expected] of CASES)
    it(`is said by "${accept}": ${expected}`, () => expect(prefersHtml(accept)).toBe(expected));
});

describe('metrics', () => {
  it('have their labels and help escaped', () => {
    const text = prometheusText([
      {
        name: 'refused_total',
        help: 'a\\b\nc',
        type: 'counter',
        samples: [{ labels: { reason: 'a "b"\n\\' }, value: 1 }, { value: 2 }],
      },
    ]);
    expect(text).toBe(
      '# HELP refused_total a\\\\b\\nc\n# TYPE refused_total counter\n' +
        'refused_total{reason="a \\"b\\"\\n\\\\"} 1\nrefused_total 2\n',
    );
  });
});
