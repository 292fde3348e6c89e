import { z } from 'zod';

const passingSchema = z.object({
  point: z.string(),
  /** 1 for the first time the point is passed. */
  passing: z.number(),
});

/** A moment in the life of a process: the n-th passing of a fail point (S24). */
export type Passing = z.infer<typeof passingSchema>;

/** What a process under test is to do: one `go --once`, killed on the way or not. */
export const jobSchema = z.object({
  folder: z.string(),
  env: z.record(z.string(), z.string()),
  /** Stands before the name of every queue it uses. */
  queuePrefix: z.string(),
  /** How far its clock is ahead, milliseconds. */
  aheadMs: z.number(),
  kill: passingSchema.optional(),
  /** Whether it is asked to quit, as by a signal: at the first page that is confirmed after something new was published. */
  quits: z.boolean(),
  /** Chunks count as confirmed when they are queued: there is no consumer. */
  unconsumed: z.boolean(),
  /** Every n-th of its deliveries is committed and its reply lost. */
  loseReplyEvery: z.number().optional(),
});
export type Job = z.infer<typeof jobSchema>;

/** What a process under test tells, a line each, before the effect it tells of. */
export const reportSchema = z.discriminatedUnion('type', [
  /** This run leaves its marker in the queue now. */
  z.object({ type: z.literal('run'), id: z.string() }),
  /** These chunks are given to the queue now. */
  z.object({ type: z.literal('chunks'), ids: z.array(z.string()) }),
  z.object({ type: z.literal('finished'), run: z.string(), published: z.number() }),
  z.object({ type: z.literal('trouble'), message: z.string() }),
  /** The fail points it has passed; told at its end, and as the last thing before a kill. */
  z.object({ type: z.literal('passed'), points: z.array(z.string()), killed: z.boolean() }),
]);
export type Report = z.infer<typeof reportSchema>;
