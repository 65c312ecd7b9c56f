export type {
  Announce,
  Delivery,
  DeliveryAccounts,
  DeliveryNeeds,
  DeliveryPresence,
  DeliveryRoute,
  LiveDevice,
  Party,
} from './service.ts';
