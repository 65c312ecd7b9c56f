export { type Imported, type ImportTerms, importTrustedList } from './list.ts';
export { anchorsOf, formatPin, type Pin, readPin } from './pin.ts';
