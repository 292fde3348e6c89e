/** What decides who takes the jobs of a queue. */
export interface Attendance {
  readonly queue: string;
  readonly isEmbedded: boolean;
  /** The setting `consume`. */
  readonly consume: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What to do where a queue has no worker. Pure. */
export function unattendedAdvice(attendance: Attendance): string {
  const { queue, isEmbedded } = attendance;
  const who = isEmbedded
    ? (lackOf(attendance) ?? 'the controller stores its jobs as soon as it can')
    : `start its consumers; ./run.sh consume ${queue} --to ... is one`;
  return `no worker is on ${queue}: ${who}`;
}

/** What to do where a queue is inside of a controller that does not run, line by line. Pure. */
export function absentAdvice(attendance: Attendance): readonly string[] {
  const lack = lackOf(attendance);
  return [
    'the embedded queue is inside the controller, and none runs: start ./run.sh go',
    ...(lack === undefined ? [] : [`nobody would take the jobs of ${attendance.queue} there: ${lack}`]),
  ];
}

/** What has to be set for the controller to store the jobs itself; undefined when all is. */
function lackOf({ queue, consume, env }: Attendance): string | undefined {
  const lacks = [
    ...(consume === queue ? [] : [`"consume": "${queue}" in state/settings.json`]),
    ...((env['CONSUME_TO'] ?? '').trim() === '' ? ['CONSUME_TO in .env'] : []),
  ];
  return lacks.length === 0 ? undefined : `set ${lacks.join(' and ')}`;
}
