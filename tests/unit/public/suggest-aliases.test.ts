import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseAlias } from '../../../src/public/alias.js';
import { AUSPICIOUS_ALIASES, TRADITIONAL_FORMS } from '../../../src/public/alias-pack.js';
import { suggestAliases } from '../../../src/public/suggest-aliases.js';

/** Readings typed a second time, tone as a digit, so that a slip in the pack shows. Every character of the pack has one reading in it. */
const READINGS =
  '金jin1 福fu2 玉yu4 宝bao3 辉hui1 泉quan2 穗sui4 禾he2 万wan4 顺shun4 百bai3 千qian1 祥xiang2 双shuang1 喜xi3 九jiu3 如ru2 吉ji2 安an1 庆qing4 ' +
  '瑞rui4 云yun2 意yi4 利li4 和he2 泰tai4 康kang1 达da2 平ping2 长chang2 乐le4 青qing1 荣rong2 兴xing1 宁ning2 永yong3 昌chang1 春chun1 恒heng2 来lai2 ' +
  '德de2 海hai3 田tian2 满man3 佑you4 鸿hong2 运yun4 富fu4 贵gui4 华hua2 盛sheng4 兰lan2 雪xue3 丰feng1 天tian1 恩en1 悦yue4 远yuan3 风feng1 美mei3 ' +
  '同tong2 欣xin1 晖hui1 清qing1 甘gan1 露lu4 惠hui4 明ming2 月yue4 珠zhu1 启qi3 景jing3 凌ling2 鹤he4 松song1 芳fang1 芝zhi1 雅ya3 鹏peng2 程cheng2 ' +
  '锦jin3 绣xiu4 馨xin1 润run4 厚hou4 仁ren2 信xin4 义yi4 诚cheng2 家jia1 嘉jia1 佳jia1 音yin1 谷gu3 年nian2 志zhi4 静jing4 好hao3 航hang2';
const reading = new Map(READINGS.split(' ').map((item) => [[...item][0] as string, [...item].slice(1).join('')]));

/** Toneless pinyin nobody should have to answer to: politicians' names, and homophones of curses and misfortunes. */
const UNWELCOME =
  'jin ping,ze dong,xiao ping,ze min,jin tao,jia bao,en lai,ke qiang,rong ji,yong kang,xi lai,chun hua,ji hua,qing hong,gao li,hong zhi,yu xiang,chang chun,' +
  'tian bao,wan li,kang sheng,chen xi,qing feng,li yuan,le ji,chang fu,bao fu,wu fu,huai de,yu fu,chun fu,jin an,an kang,kang ning,yi he,da ji,sheng li,an le,' +
  'tai ping,fu shou,xing fu,qing yu,ji xing,gan lin,ming hui,he xie,bao an,tong zhi,fu xing,tian an,xing wang,si wang,yong sheng,wan an';

describe('the pack', () => {
  it('has at least 120 aliases, no two alike in any spelling', () => {
    expect(AUSPICIOUS_ALIASES.length).toBe(205);
    for (const member of ['alias', 'hanzi', 'pinyin'] as const) {
      expect(new Set(AUSPICIOUS_ALIASES.map((suggestion) => suggestion[member])).size).toBe(205);
    }
  });

  it('holds the examples of the design', () => {
    expect(AUSPICIOUS_ALIASES).toContainEqual({ alias: 'jin fu', hanzi: '金福', pinyin: 'jīn fú', gloss: 'golden blessing' });
    expect(AUSPICIOUS_ALIASES).toContainEqual({ alias: 'wan shun', hanzi: '万顺', pinyin: 'wàn shùn', gloss: 'all goes well' });
  });

  it.each(AUSPICIOUS_ALIASES.map((suggestion) => [suggestion.hanzi, suggestion] as const))('%s', (_, { alias, hanzi, pinyin, gloss }) => {
    expect(alias).toMatch(/^[a-z]+ [a-z]+$/);
    expect([...hanzi].length).toBe(2);
    expect(gloss).not.toBe('');
    expect(normaliseAlias(alias)).toBe(alias);
    expect(normaliseAlias(hanzi)).toBe(hanzi);
    expect(pinyin.normalize('NFC')).toBe(pinyin);
    expect(pinyin.split(' ').map(numbered)).toEqual([...hanzi].map((character) => reading.get(character)));
    expect(UNWELCOME.split(',')).not.toContain(alias);
  });

  it('traditional forms belong to characters of the pack and differ from them', () => {
    const used = new Set(AUSPICIOUS_ALIASES.flatMap(({ hanzi }) => [...hanzi]));
    for (const [simplified, forms] of TRADITIONAL_FORMS) {
      expect(used.has(simplified)).toBe(true);
      expect(forms.length).toBeGreaterThan(0);
      expect([...forms].some((form) => used.has(form))).toBe(false);
    }
  });
});

describe('suggestions', () => {
  it('are all different as long as the pack lasts, then begin anew', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 450 }), (count) => {
        const aliases = suggestAliases(count).map(({ alias }) => alias);
        expect(aliases.length).toBe(count);
        for (let start = 0; start < count; start += 205) {
          const round = aliases.slice(start, start + 205);
          expect(new Set(round).size).toBe(round.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('follow the randomness they are given', () => {
    const random = { bytes: (length: number) => new Uint8Array(length) };
    expect(suggestAliases(3, { random })).toEqual(AUSPICIOUS_ALIASES.slice(0, 3));
  });

  it.each([
    ['simplified', '金小明', /金/],
    ['traditional', '張榮萬', /[荣万]/],
    ['variant', '李甯', /宁/],
  ])('share no character with a real name: %s', (_, name, forbidden) => {
    const all = suggestAliases(150, { avoid: [name] });
    expect(all.some(({ hanzi }) => forbidden.test(hanzi))).toBe(false);
    expect(AUSPICIOUS_ALIASES.some(({ hanzi }) => forbidden.test(hanzi))).toBe(true);
  });

  it.each(['Jin Fu', 'WANG-JIN Fu', 'Wáng Jīnfú', 'wang jinfu', 'Ｊｉｎ　Ｆｕ'])('share no syllable with a Latin name: %s', (name) => {
    for (const { alias } of suggestAliases(100, { avoid: [name] }))
      expect(alias.split(' ')).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(jin|fu)$/)]));
  });

  it('refuse when nothing is left, without a word of the names', () => {
    const avoid = [AUSPICIOUS_ALIASES.map(({ hanzi }) => hanzi).join('')];
    expect(() => suggestAliases(1, { avoid })).toThrow(expect.objectContaining({ code: 'ALIAS_INVALID' }));
    expect(suggestAliases(0, { avoid })).toEqual([]);
  });

  it.each([-1, 0.5, 1001, Number.NaN])('count %s is the caller’s bug', (count) => {
    expect(() => suggestAliases(count)).toThrow(RangeError);
  });
});

/** `jīn` → `jin1`. */
function numbered(syllable: string): string {
  const parts = syllable.normalize('NFD');
  const tone = ['\u0304', '\u0301', '\u030c', '\u0300'].findIndex((mark) => parts.includes(mark)) + 1;
  return parts.replace(/\p{M}/gu, '') + tone;
}
