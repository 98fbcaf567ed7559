import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What people are invented from. */
export interface PeopleSource {
  readonly surnames: readonly string[];
  readonly givenNames: readonly string[];
  readonly places: readonly Place[];
  /** In words, for the demo's first lines. */
  readonly description: string;
}

export interface Place {
  readonly province: string;
  readonly city: string;
  readonly area: string;
}

const SURNAMES =
  '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范';
const GIVEN =
  '文明华国建志伟军平春生学义海宝贵来根荣昌兴旺泰祥瑞永长久思远怀德仁信礼智勇刚毅石山川江河秀英兰芳桂梅莲玉珍珠霞云雪月凤仙巧慧淑贞静雅琴棋书画诗晨曦朝阳';
const PROVINCES = ['云溪省', '青禾省', '北麓省', '南浦省', '望江省', '白桦省'];
const CITIES = ['松林市', '银杏市', '清泉市', '石桥市', '桃源市', '雁门市', '长亭市', '竹海市'];
const AREAS = ['河湾县', '东篱县', '柳堤区', '古渡区', '麦田县', '月牙县', '听涛区', '七里县'];

/** The shipped source: common surnames and given-name characters, and places that do not exist. */
export function shippedSource(): PeopleSource {
  const given = [...GIVEN];
  return {
    surnames: [...SURNAMES],
    givenNames: given.flatMap((first) => [first, ...given.map((second) => first + second)]),
    places: PROVINCES.flatMap((province) => CITIES.flatMap((city) => AREAS.map((area) => ({ province, city, area })))),
    description: 'invented names and places (shipped with the program)',
  };
}

/** A surname is a first character with which at least so many names of the file begin. */
const COMMON = 300;

/**
 * From a folder with `chinese-names-ancient.txt` (two header lines, then one name a line), `provinces.csv`, `cities.csv`, `areas.csv`
 * (`code,"name",…`). A surname is combined with the given name of somebody else, so that nobody of the file is in the demo on purpose.
 */
export function folderSource(folder: string): PeopleSource {
  const names = readFileSync(join(folder, 'chinese-names-ancient.txt'), 'utf8')
    .split(/\r?\n/)
    .slice(2)
    .filter((name) => /^\p{Script=Han}{2,3}$/u.test(name));
  const beginnings = new Map<string, number>();
  for (const name of names) {
    const first = initial(name);
    beginnings.set(first, (beginnings.get(first) ?? 0) + 1);
  }
  const surnames = names.map(initial).filter((first) => (beginnings.get(first) ?? 0) >= COMMON);
  const common = new Set(surnames);
  const givenNames = names.filter((name) => common.has(initial(name))).map((name) => [...name].slice(1).join(''));
  return { surnames, givenNames, places: places(folder), description: 'surnames and given names of history, combined at random' };
}

function initial(name: string): string {
  return [...name][0] ?? '';
}

function places(folder: string): Place[] {
  const provinces = new Map(rows(join(folder, 'provinces.csv')).map(([code = '', name = '']) => [code, name]));
  const cities = new Map(rows(join(folder, 'cities.csv')).map(([code = '', name = '']) => [code, name]));
  return rows(join(folder, 'areas.csv')).map(([, area = '', cityCode = '', provinceCode = '']) => {
    const city = cities.get(cityCode) ?? '';
    // Municipalities have one "city" that is only called `districts` or `counties` and is no part of an address.
    return { province: provinces.get(provinceCode) ?? '', city: /辖/.test(city) ? '' : city, area };
  });
}

/** The files have no quotes or commas inside a field. */
function rows(path: string): string[][] {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/).slice(1);
  return lines.filter((line) => line !== '').map((line) => line.split(',').map((field) => field.replace(/^"|"$/g, '')));
}
