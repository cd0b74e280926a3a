/** Longest application_name (NAMEDATALEN - 1); the server would cut at the same byte, with a notice. */
const APPLICATION_NAME_BYTES = 63;

/**
 * Settings of a runner's session. Set after connecting, never as startup parameters: poolers refuse connections that carry unknown ones.
 * All time-outs that would end a long migration or an idle holder of the lock are off; `lock_timeout` is set per unit by the run.
 */
const SETTINGS: ReadonlyArray<readonly [name: string, value: string]> = [
  ['statement_timeout', '0'],
  ['lock_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  ['idle_session_timeout', '0'], // 14+
  ['transaction_timeout', '0'], // 17+
  // A cut network frees the lock after about a minute instead of two hours.
  ['tcp_keepalives_idle', '30'],
  ['tcp_keepalives_interval', '10'],
  ['tcp_keepalives_count', '3'],
  ['tcp_user_timeout', '60000'], // 12+
];

/** 14+, and refused by servers on platforms that cannot watch a socket: left out on the second try. */
const CONNECTION_CHECK = ['client_connection_check_interval', '1s'] as const;

/** SQLSTATE of that refusal (invalid_parameter_value). */
export const CONNECTION_CHECK_REFUSED = '22023';

/**
 * Columns that apply the settings. A setting that this server does not know stays null; `$1` is the application's name, `$2` the announced pid:
 * nothing is set when another backend answers, because then a pooler is in between and the settings would reach its other clients.
 */
export function settingColumns(options: { readonly connectionCheck: boolean }): string {
  const settings = options.connectionCheck ? [...SETTINGS, CONNECTION_CHECK] : SETTINGS;
  const columns = settings.map(
    ([name, value], index) =>
      `CASE WHEN pg_backend_pid() = $2::int AND current_setting('${name}', true) IS NOT NULL THEN set_config('${name}', '${value}', false) END AS s${index}`,
  );
  return [
    "CASE WHEN pg_backend_pid() = $2::int THEN set_config('application_name', $1, false) END AS a",
    ...columns,
  ].join(',\n  ');
}

/** Cuts to 63 bytes. What is not printable ASCII the server would write as `?` or as escapes, depending on its version. */
export function cutApplicationName(name: string): string {
  return name.replace(/[^\x20-\x7e]/gu, '?').slice(0, APPLICATION_NAME_BYTES);
}
