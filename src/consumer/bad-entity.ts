import { ConsumerError } from '../model/errors.ts';
import { visible } from '../model/visible.ts';

/** An entity that cannot be stored, named by its key: the reason its job fails with, so that bisecting finds it (S15). */
export function badEntity(channel: string, name: string, reason: string): ConsumerError {
  // Spelled out and cut: the reason itself must be fit for every queue store and every screen.
  const shown = name.length > longestShown ? `${name.slice(0, longestShown)}...` : name;
  return new ConsumerError(visible(`${channel} "${shown}" ${reason}`), {
    code: 'consumer.bad-entity',
    recovery: 'skip',
    hint: 'Correct it at its source; it comes again when it changes there.',
  });
}

const longestShown = 200;
