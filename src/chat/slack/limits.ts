/**
 * What Slack takes, in characters (UTF-16 units, which is never less than what Slack counts) or pieces. Sources:
 * https://docs.slack.dev/reference/block-kit, https://docs.slack.dev/reference/methods/chat.postMessage.
 */
export const limits = {
  /** `text`: above it Slack may split the message. */
  text: 4000,
  section: 3000,
  context: 3000,
  contextElements: 10,
  header: 150,
  field: 2000,
  fieldsInSection: 10,
  buttonText: 75,
  buttonUrl: 3000,
  buttonValue: 2000,
  buttonsInBlock: 25,
  id: 255,
  linkUrl: 3000,
  blocks: 50,
  /** Over all blocks of a message: `msg_blocks_too_long` comes at about 13,200 (slackapi/bolt-js#2509). */
  total: 12_000,
  /** More are "discouraged" (docs.slack.dev, legacy attachments). */
  attachments: 20,
  attachmentFooter: 300,
} as const;
