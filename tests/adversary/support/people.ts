/** Invented people whose every datum is unique in the set, so that a find names its owner. No randomness: i decides everything. */
export interface Person {
  readonly names: readonly string[];
  readonly birthDate: string;
  readonly birthplace: string;
  readonly phone: string;
  readonly email: string;
  readonly address: string;
  readonly workplace: string;
  readonly relatives: string;
  readonly text: string;
}

const SURNAMES = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'];
const GIVEN = [...'建国秀英伟洋静勇敏磊娜强军霞涛明超华平刚桂芳玲杰红丽鹏飞辉燕波斌宇浩凯琳颖雪'];
const LATIN = [
  'al',
  'be',
  'cor',
  'dan',
  'el',
  'fer',
  'gu',
  'hil',
  'is',
  'jo',
  'kar',
  'lu',
  'mar',
  'nor',
  'ol',
  'pe',
  'quin',
  'ros',
  'san',
  'tor',
];
const ARABIC = ['محمد', 'أحمد', 'فاطمة', 'خديجة', 'يوسف', 'مريم', 'إبراهيم', 'نورة', 'سلمان', 'رحمان', 'عبدالله', 'زينب'];

export type Script = 'han' | 'latin' | 'arabic';

export function scriptOf(i: number): Script {
  return (['han', 'han', 'latin', 'arabic'] as const)[i % 4] as Script;
}

export function personOf(i: number): Person {
  const mixed = scramble(i);
  const local = String(mixed).padStart(8, '0');
  return {
    names: [nameOf(i), `${capital(latinOf(i + 31))} Q${i}x ${capital(latinOf(mixed))}`],
    birthDate: new Date(Date.UTC(1930, 0, 1) + i * 86_400_000).toISOString().slice(0, 10),
    birthplace: `${SURNAMES[i % 20]}家庄第${i}村${GIVEN[i % GIVEN.length]}`,
    phone: `+86 13${i % 10}${local}`,
    email: `${latinOf(mixed)}.${mixed}@mail-${i}.example`,
    address: `长${GIVEN[(i * 7) % GIVEN.length]}路${1000 + i}弄${mixed % 97}号${i}室`,
    workplace: `第${i}${GIVEN[(i * 11) % GIVEN.length]}机械制造厂`,
    relatives: `aunt ${capital(latinOf(i * 3 + 7))} number ${mixed} in Toronto`,
    text: `Statement of ${['spring', 'summer', 'autumn', 'winter'][i % 4]}, I leave and declare it void. `.repeat(1 + (i % 7)).trim(),
  };
}

/** A bijection on 0 … 10^8 − 1: neighbours share no digits. */
function scramble(i: number): number {
  return Number((BigInt(i) * 48_271_919n + 20_611n) % 99_999_989n);
}

function nameOf(i: number): string {
  if (scriptOf(i) === 'latin') return `${capital(latinOf(i))} ${capital(latinOf(scramble(i) % 8000))}`;
  if (scriptOf(i) === 'arabic') {
    const digits = [i % 12, Math.floor(i / 12) % 12, Math.floor(i / 144) % 12, Math.floor(i / 1728) % 12];
    return digits.map((digit) => ARABIC[digit]).join(' ');
  }
  const n = Math.floor(i / 4) * 2 + (i % 2);
  const g = GIVEN.length;
  return `${SURNAMES[n % 20]}${GIVEN[Math.floor(n / 20) % g]}${GIVEN[Math.floor(n / (20 * g)) % g]}${GIVEN[(n * 5 + 3) % g]}`;
}

function latinOf(i: number): string {
  let rest = i;
  let out = '';
  for (let k = 0; k < 4; k++) {
    out += LATIN[rest % 20];
    rest = Math.floor(rest / 20);
  }
  return out;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
