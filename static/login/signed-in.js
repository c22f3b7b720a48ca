/**
 * The chat platform has led the browser here, from another site: the login's own cookie did not come along. What this
 * page asks for does bring it. The address, with what the platform put into it, is gone from the history.
 */
location.replace('/login/');
