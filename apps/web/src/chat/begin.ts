import { openEngine } from './opening.ts';

/*
 * A script of its own on pages that need the engine, before the page's and much smaller: the worker is at work by the
 * time that the page can draw.
 */
openEngine();
