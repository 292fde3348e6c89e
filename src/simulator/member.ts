import { hash } from 'node:crypto';
import type { EpochSeconds } from '../model/time.ts';
import { apiTime } from './api-time.ts';
import { statusOf } from './member-status.ts';
import { clients, firstNames, lastNames, places, rates, tagSets } from './member-words.ts';
import { scatter } from './random.ts';

/** What a member is made of; everything else follows from the member's number and version. */
export interface MemberFacts {
  readonly listId: string;
  readonly member: number;
  readonly version: number;
  readonly lastChanged: EpochSeconds;
  readonly optedIn: EpochSeconds;
}

/** Unique for every member, and the same in every list. */
export function emailOf(member: number): string {
  const first = pick(firstNames, member, 1);
  const last = pick(lastNames, member, 2);
  return `${first.plain}.${last.plain}.${member}@${scatter(member, 3) % 2 ? 'example.com' : 'mail.example.org'}`;
}

/** The MD5 of the lower-cased address: the same address has the same id in every list (apis.md 1.3). */
export function idOf(member: number): string {
  return hash('md5', emailOf(member));
}

/**
 * A member as JSON, as `GET /lists/{id}/members` gives it without `_links` (apis.md 1.3); some 920 bytes.
 * Written as text because building an object and serialising it takes twice as long, and pages are large.
 */
export function memberJson({ listId, member, version, lastChanged, optedIn }: MemberFacts): string {
  const email = emailOf(member);
  const first = pick(firstNames, member, 1).json;
  const last = pick(lastNames, member, 2).json;
  const status = statusOf(member, version);
  const reason = status === 'unsubscribed' ? '"unsubscribe_reason":"N/A (Unsubscribed by admin)",' : '';
  const place = pick(places, member, 4);
  const ip = `192.0.2.${scatter(member, 5) % 256}`;
  const signedUp = member % 3 === 0;
  const address =
    member % 4 === 0
      ? `{"addr1":"Kuja ${member % 200}","addr2":"","city":"${place.city}","state":"","zip":"20100","country":"${place.country}"}`
      : '""';
  return (
    `{"id":"${hash('md5', email)}","email_address":"${email}","unique_email_id":"${hex(member, 20)}${10 + (member % 90)}",` +
    `"contact_id":"${hex(member, 21)}${hex(member, 22)}${hex(member, 23)}${hex(member, 24)}",` +
    `"full_name":"${first} ${last}","web_id":${500_000_000 + member},` +
    `"email_type":"${member % 9 === 0 ? 'text' : 'html'}","status":"${status}",${reason}` +
    `"merge_fields":{"FNAME":"${first}","LNAME":"${last}","ADDRESS":${address},"PHONE":"",` +
    `"POINTS":${version * 10 + (member % 10)}},"interests":{"9143cf3bd1":${member % 2 === 0}},` +
    `"stats":{"avg_open_rate":${pick(rates, member, 6)},"avg_click_rate":${pick(rates, member, 7)}},` +
    `"ip_signup":"${signedUp ? ip : ''}","timestamp_signup":"${signedUp ? apiTime(optedIn) : ''}",` +
    `"ip_opt":"${ip}","timestamp_opt":"${apiTime(optedIn)}",` +
    `"member_rating":${2 + (scatter(member, version + 30) % 4)},"last_changed":"${apiTime(lastChanged)}",` +
    `"language":"${member % 5 === 0 ? '' : place.language}","vip":${member % 101 === 0},` +
    `"email_client":"${pick(clients, member, 8)}",${place.location},` +
    `"source":"${member % 7 === 0 ? 'Import' : 'API - Generic'}",${tagSets[scatter(member, 9) % tagSets.length] ?? ''},"list_id":"${listId}"}`
  );
}

function hex(member: number, salt: number): string {
  return (0x1_0000_0000 + scatter(member, salt)).toString(16).slice(1);
}

function pick<Word>(words: readonly [Word, ...Word[]], member: number, salt: number): Word {
  return words[scatter(member, salt) % words.length] ?? words[0];
}
