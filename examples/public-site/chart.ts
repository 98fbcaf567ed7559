import { fill } from './fill.js';
import { type Html, html } from './html.js';
import type { Language } from './language.js';
import type { Batch, Register } from './read-export.js';

const MOST_BARS = 48;
const WIDTH = 960;
const HEIGHT = 240;

interface Charted {
  readonly batches: readonly Batch[];
  readonly log: { readonly policy: Pick<Register['log']['policy'], 'delayDays'> };
}

interface Bar {
  /** `YYYY-MM-DD`, `YYYY-MM` or `YYYY`. */
  readonly when: string;
  readonly count: number;
}

const UNITS = [
  { length: 10, heading: 'chartByDay' },
  { length: 7, heading: 'chartByMonth' },
  { length: 4, heading: 'chartByYear' },
] as const;

/**
 * Statements by the day, month or year of their publication: the finest unit that gives at most 48 bars, so that the page stays small however
 * long the log is. An SVG without text (it would shrink with the picture), a caption in HTML, and the same numbers as a table.
 */
export function chart({ batches, log }: Charted, language: Language): Html | undefined {
  if (batches.length === 0) return undefined;
  const { strings } = language;
  const { bars, heading } = choose(batches);
  const most = bars.reduce((best, bar) => (bar.count > best.count ? bar : best));
  const [first, last] = [bars[0] ?? most, bars.at(-1) ?? most];
  const when = (bar: Bar): string => label(bar.when, language);
  const summary = fill(strings.chartSummary, {
    bars: bars.length,
    most: language.number(most.count),
    mostWhen: when(most),
    last: language.number(last.count),
    lastWhen: when(last),
  });
  return html`<figure class="chart">
<figcaption>${strings[heading]}</figcaption>
<p class="scale" aria-hidden="true">${language.number(most.count)}</p>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="chart-title chart-desc">
<title id="chart-title">${strings[heading]}</title>
<desc id="chart-desc">${summary}</desc>
${bars.map((bar, i) => rectangle(bar, i, bars.length, most.count))}</svg>
<p class="axis" aria-hidden="true"><span>${when(first)}</span><span>${bars.length > 1 && when(last)}</span></p>
<details><summary>${strings.chartTable}</summary>
<table><caption>${strings[heading]}</caption><thead><tr><th scope="col">${strings.when}</th><th scope="col">${strings.howMany}</th></tr></thead>
<tbody>${bars.map((bar) => html`<tr><th scope="row">${when(bar)}</th><td>${language.number(bar.count)}</td></tr>\n`)}</tbody></table></details>
<p class="note">${log.policy.delayDays === 1 ? strings.chartNoteDirect : strings.chartNote}</p>
</figure>`;
}

function rectangle(bar: Bar, place: number, bars: number, most: number): Html {
  const step = WIDTH / bars;
  const height = most === 0 ? 0 : Math.max(bar.count === 0 ? 0 : 2, Math.round((bar.count / most) * HEIGHT));
  const [x, width] = [(place * step + step * 0.1).toFixed(1), (step * 0.8).toFixed(1)];
  return html`<rect x="${x}" y="${HEIGHT - height}" width="${width}" height="${height}"/>\n`;
}

function choose(batches: readonly Batch[]): { readonly bars: readonly Bar[]; readonly heading: (typeof UNITS)[number]['heading'] } {
  for (const { length, heading } of UNITS) {
    const bars = group(batches, length);
    if (bars.length <= MOST_BARS || length === 4) return { bars, heading };
  }
  throw new RangeError('no unit fits');
}

/** Days without a batch and months without a statement have a bar of zero: a gap must be seen. */
function group(batches: readonly Batch[], length: number): readonly Bar[] {
  const counts = new Map<string, number>();
  const [from, to] = [batches[0]?.date ?? '', batches.at(-1)?.date ?? ''];
  for (let day = Date.parse(from); day <= Date.parse(to); day += 86_400_000) counts.set(new Date(day).toISOString().slice(0, length), 0);
  for (const { date, before, after } of batches) {
    const when = date.slice(0, length);
    counts.set(when, (counts.get(when) ?? 0) + after - before);
  }
  return [...counts].map(([when, count]) => ({ when, count }));
}

function label(when: string, language: Language): string {
  if (when.length === 10) return language.date(when);
  return when.length === 7 ? language.month(when) : when;
}
