import { describeChainedSource } from '../conformance/chained-source.ts';
import { openSisWorld } from './sis-world.ts';

describeChainedSource('SISU export', openSisWorld);
