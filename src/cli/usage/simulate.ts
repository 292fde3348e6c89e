import { requestKinds } from '../../simulator/fault.ts';
import { faultForms } from '../../simulator/parse-fault.ts';
import { exportServices, oneTimeServices } from '../../simulator/sis/services.ts';
import type { Usage } from './usage.ts';

/** `node:util` asks for a list that could be written to. */
const none: string[] = [];

/** What every simulator takes. */
const shared = {
  port: {
    type: 'string',
    value: 'N',
    default: '0',
    says: 'the port it listens on, on 127.0.0.1; 0 takes any that is free',
  },
  seed: { type: 'string', value: 'N', default: '1', says: 'the same seed makes the same data' },
  'latency-ms': {
    type: 'string',
    value: 'N',
    default: '0',
    says: 'how long each answer takes at least, milliseconds',
  },
  fault: {
    type: 'string',
    value: 'FAULT',
    multiple: true,
    default: none,
    says: 'what goes wrong, in one of the forms below',
  },
} as const;

const faults = { of: 'FAULT', all: faultForms } as const;

const mailchimpUsage = {
  does: 'A simulated Mailchimp with one list.',
  forms: ['simulate mailchimp [OPTION...]'],
  options: {
    ...shared,
    members: { type: 'string', value: 'N', default: '1000', says: 'how many members the list has' },
    list: { type: 'string', value: 'ID', default: 'demo', says: 'the id of the list' },
    'changes-per-second': {
      type: 'string',
      value: 'N',
      default: '0',
      says: 'members that change while it runs',
    },
    'departures-per-second': {
      type: 'string',
      value: 'N',
      default: '0',
      says: 'members that leave for good while it runs',
    },
  },
  values: faults,
  notes: [`Its kinds of request, for on= of a fault: ${requestKinds.join(', ')}`],
  examples: [['simulate mailchimp --members 50000 --fault 429:0.05', '']],
} as const satisfies Usage;

const sisUsage = {
  does: 'A simulated SISU with the 26 services.',
  forms: ['simulate sis [OPTION...]'],
  options: {
    ...shared,
    'public-port': {
      type: 'string',
      value: 'N',
      default: '0',
      says: 'the port of the public part; 0 takes any that is free',
    },
    entities: {
      type: 'string',
      value: 'N',
      default: '1000',
      says: 'how many entities there are, over all services',
    },
    'changes-per-second': {
      type: 'string',
      value: 'N',
      default: '0',
      says: 'new versions, deletions, drafts and new entities while it runs',
    },
    'late-ms': {
      type: 'string',
      value: 'N',
      default: '0',
      says: 'a quarter of the changes can be seen only up to N milliseconds after they got their ordinal',
    },
    poison: {
      type: 'string',
      value: 'N',
      default: '0',
      says: 'one entity in N carries "testError": true, which consumers refuse; 0: none',
    },
    'short-pages': {
      type: 'string',
      value: 'N',
      default: '5',
      says: 'one page in N ends early though there is more; 0: none',
    },
    'empty-pages': {
      type: 'string',
      value: 'N',
      default: '25',
      says: 'one page in N is empty though there is more; 0: none',
    },
    auth: { type: 'string', value: 'KIND', default: 'none', says: 'none, basic, bearer or api-key' },
    forbid: {
      type: 'string',
      value: 'SERVICE',
      multiple: true,
      default: none,
      says: 'answers 403 for it',
    },
    'since-name': {
      type: 'string',
      value: 'SERVICE=NAME',
      multiple: true,
      default: none,
      says: 'its ordinal is asked for by NAME instead of since',
    },
    'time-zone': {
      type: 'string',
      value: 'ZONE',
      default: 'UTC',
      says: 'the zone of the moments in metadata, which show none',
    },
    key: {
      type: 'string',
      value: 'FILE',
      says: 'https with this key (PEM), for localhost; takes --cert too',
    },
    cert: { type: 'string', value: 'FILE', says: 'and with this certificate (PEM)' },
    'client-ca': {
      type: 'string',
      value: 'FILE',
      says: 'asks for client certificates that this authority (PEM) signed',
    },
  },
  values: faults,
  notes: [
    `Its services, which are its kinds of request for on= of a fault: ${[...exportServices, ...oneTimeServices].join(', ')}`,
  ],
  examples: [['simulate sis --entities 20000 --poison 500', '']],
} as const satisfies Usage;

export const simulateUsage = {
  does: 'Serves a stand-in for an outside system on this machine, for trials, until it is stopped; says how to sync it.',
  forms: ['simulate SYSTEM [OPTION...]'],
  words: [
    ['mailchimp', mailchimpUsage.does],
    ['sis', sisUsage.does],
  ],
  options: {},
  examples: [
    ['simulate mailchimp --help', 'its options'],
    ['simulate sis --help', 'its options'],
  ],
  kinds: { mailchimp: mailchimpUsage, sis: sisUsage },
} as const satisfies Usage;
