import { scatter } from '../random.ts';

/** A name in the three languages of every Finnish university. */
export interface Localised {
  readonly fi: string;
  readonly sv: string;
  readonly en: string;
}

type Words<Word> = readonly [Word, ...Word[]];

/** Names of people in several scripts, with accents, apostrophes and signs beyond 16 bits. */
export const firstNames: Words<string> = [
  'Aino', 'Björn', 'Ελένη', 'Фёдор', '雅子', 'محمد', 'Chloé', 'Ðặng', 'Ilmari', 'Jörgen', 'Märta', 'Päivi', 'Søren',
  'Zoë', 'นภา', '𠮷彦',
]; // prettier-ignore

export const lastNames: Words<string> = [
  "O'Brien", 'Hämäläinen', 'Grönroos', 'Nguyễn', 'Παπαδοπούλου', 'Соколова', '佐藤', 'الفارسي', 'Çelik', 'Virtanen',
  'Öberg', 'Mäki-Kahra', 'Şahin', 'Lindqvist',
]; // prettier-ignore

export const subjects: Words<Localised> = [
  { fi: 'Lääketiede', sv: 'Medicin', en: 'Medicine' },
  { fi: 'Oikeustiede', sv: 'Rättsvetenskap', en: 'Law' },
  { fi: 'Ympäristöekologia', sv: 'Miljöekologi', en: 'Environmental Ecology' },
  { fi: 'Tähtitiede', sv: 'Astronomi', en: 'Astronomy' },
  { fi: 'Käännöstiede', sv: 'Översättningsvetenskap', en: 'Translation “Studies”' },
  { fi: 'Itä-Aasian kielet (日本語, 한국어)', sv: 'Östasiatiska språk', en: 'East Asian Languages' },
  { fi: 'Ääni & kuva <AV>', sv: 'Ljud & bild <AV>', en: 'Sound & Vision <AV>' },
];

export const buildings: Words<string> = ['Päärakennus', 'Ahjo', 'Östra huset', 'Kumpula B', 'Tähtitorni'];

/** One of `words`, chosen by `draw`. */
export function pick<Word>(words: Words<Word>, draw: number): Word {
  return words[draw % words.length] ?? words[0];
}

/** A name followed by a number, in every language. */
export function numbered(name: Localised, number: number): Localised {
  return { fi: `${name.fi} ${number}`, sv: `${name.sv} ${number}`, en: `${name.en} ${number}` };
}

/** Looks like a UUID; its last twelve digits are the number, so that no two are the same and the number can be read. */
export function numberedUuid(number: number, salt: number): string {
  const [a, b] = [hex(scatter(number, salt)), hex(scatter(number, salt + 1))];
  return `${a}-${b.slice(0, 4)}-4${b.slice(4, 7)}-a${a.slice(2, 5)}-${String(number).padStart(12, '0')}`;
}

/** The number of {@link numberedUuid}; NaN for another text. */
export function numberIn(text: string): number {
  return Number(/(\d{12})$/.exec(text)?.[1]);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** `2026-07-09` */
export function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
