/**
 * What somebody puts into a field that others will read: a name, a description, the words of a fault, what a run
 * printed. Each does harm in one place if it is not kept from it.
 * @module
 */
export const hostile = {
  /** In a page: a script runs, and says so. */
  markup:
    '"><img src=x onerror="globalThis.pwned=1"><script>globalThis.pwned=1</script></title><a href="javascript:globalThis.pwned=1">a</a>',
  /** In Slack: everybody, a group and one person are called. */
  mentions: '<!channel> <!here|here> <!everyone> <!subteam^S0OPS|@ops> <@U0BOB> <#C0GENERAL> @here @channel',
  /** In Slack: a link that says that it leads elsewhere. */
  link: '<https://evil.example/login|https://stackstorm.example/login>',
  /** In Slack: a fence that is not closed, and marks. */
  fence: '``` *bold* _slanted_ ~struck~ `',
  /** In HTTP: another header, and another answer. In a file of lines: another record. */
  lines: 'x\r\nX-Injected: yes\r\n\r\n{"level":"info","event":"session.started"}\n{"event":"forged"}',
  /** In a terminal: the screen is cleared, its title set, the text turned around. */
  terminal: '\u001b[2J\u001b]0;owned\u0007\u009b31mred\u007f\u0085\u202edesrever\u2028next\u0000',
  /** In StackStorm's own templates. */
  jinja: '{{ 6 * 7 }}{% for i in [1] %}{{ st2kv.system.x }}{% endfor %}',
  /** In what formats words for a log or a shell. */
  placeholders: '%s %d %j %o %O $\u007b7*7\u007d $(id) `id`',
  /** In an object that is used as a table. */
  prototype: '__proto__',
} as const;

/** All of it at once. */
export const allHostile = Object.values(hostile).join(' ');

/** What no terminal may be sent by a text of others'. A line break alone is known to whoever prints it. */
export const controls = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
