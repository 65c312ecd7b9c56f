import type { Platform } from '../platform/platform.ts';
import type { DeliveryNeeds } from './service.ts';

/** What the parts of the delivery service share. */
export interface Parts {
  readonly platform: Platform;
  readonly accounts: DeliveryNeeds['accounts'];
  readonly closed: DeliveryNeeds['closed'];
}
