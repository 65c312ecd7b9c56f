export { createPartnerClient, PartnerRefused } from './client.ts';
export { type Hma, type HmaName, hma } from './hma.ts';
export { hmaDescription, v1Description } from './openapi.ts';
export { keyRequired, type PartnerRoute, type PartnerScope, partnerScopes } from './route.ts';
export {
  type CheckItem,
  type CheckResult,
  checkItem,
  checkResult,
  type PartnerNotice,
  partnerLimits,
  type V1,
  type V1Name,
  v1,
  type WebhookEvent,
  webhookEvent,
} from './v1.ts';
export { readWebhook, signedText } from './webhook.ts';
