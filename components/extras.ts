/**
 * The parts that a conversation needs from the first message on. They are a part of the component's chunk: compressed with
 * it, they are a fifth smaller than in a chunk of their own, and the first question waits for nothing.
 * @module
 */
import { describeLoss, EXTRA_ENGLISH } from "./locales/extra_strings.ts";
import { loadLocale } from "./locales/locales.ts";
import { renderMenu } from "./view/header_menu.ts";
import { renderActions } from "./view/message_actions.ts";
import { renderJump, renderUndo } from "./view/notices.ts";
import { ScrollFollower } from "./view/scroll_follower.ts";
import { nextShown } from "./view/smooth_text.ts";

/** The parts. */
export const extras = {
  describeLoss,
  EXTRA_ENGLISH,
  loadLocale,
  nextShown,
  renderActions,
  renderJump,
  renderMenu,
  renderUndo,
  ScrollFollower,
};
