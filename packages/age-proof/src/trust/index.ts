export { type Imported, type ImportTerms, importTrustedList } from './list.ts';
export { anchorsOf, formatPin, type Pin, pinName, readPin } from './pin.ts';
