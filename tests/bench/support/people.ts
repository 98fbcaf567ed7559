import type { Registration } from '../../../src/index.js';

export const CATEGORIES = ['party', 'league', 'pioneers'];

const SURNAMES = '王李张刘陈杨赵黄周吴';
const GIVEN = ['建国', '秀英', '伟', '洋', '静', '勇', '敏', '磊', '丽', '强', '军'];

/** An invented person of a usual size: a name, a birth date, one telephone, a short statement. The same for the same number. */
export function registrationOf(i: number): Registration {
  const name = `${SURNAMES[i % SURNAMES.length]}${GIVEN[i % GIVEN.length]}`;
  return {
    identity: { names: [name], birthDate: `19${50 + (i % 50)}-03-0${1 + (i % 9)}` },
    contact: { phones: [`138${String(10_000_000 + i)}`], language: 'zh-Hans' },
    statement: { alias: 'jin fu', categories: i % 2 === 0 ? ['party', 'league'] : ['league'], text: 'I leave it and take back my oath.' },
  };
}

/** UTF-8 bytes of what the person said: the least that any store would have to keep. */
export function payloadBytes({ identity, contact, statement }: Registration): number {
  return Buffer.byteLength(JSON.stringify([identity, contact, statement]));
}
