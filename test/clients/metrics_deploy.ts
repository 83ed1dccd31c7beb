/** What lies under deploy/, as the tests of it look at it: the dashboard's queries, the alerts' expressions. */

const DEPLOY = new URL("../../deploy/", import.meta.url);
/** The rules file, for programs that take a path. */
export const RULES = new URL("prometheus/alerts.yml", DEPLOY).pathname;
/** Prometheus' own test of them, to be run in its folder. */
export const RULES_TEST = new URL("prometheus/alerts_test.yml", DEPLOY).pathname;
export const CONFIG = new URL("prometheus/prometheus.yml", DEPLOY).pathname;

/** A query of the dashboard. */
export interface PanelQuery {
  readonly panel: string;
  /** With Grafana's variables replaced: everything is shown, rates are over `interval`. */
  readonly expression: string;
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly type: string; readonly definition?: string }[] };
}

function dashboard(): Dashboard {
  return JSON.parse(Deno.readTextFileSync(new URL("grafana/weir.json", DEPLOY)));
}

/** Every query of every panel. */
export function panelQueries(interval: string): PanelQuery[] {
  return dashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: expr.replaceAll("$__rate_interval", interval).replaceAll(/\$(instance|topic|group)/g, ".*"),
    }))
  );
}

/** The alerts' names, in the rules or in their test. */
export function alertNames(path: string): Set<string> {
  const found = Deno.readTextFileSync(path).matchAll(/^\s+(?:- )?(?:alert|alertname): (\w+)$/gm);
  return new Set(Array.from(found, ([, name]) => name!));
}

/**
 * What each alert looks at: its expression over `interval`, without the limits it compares to, and of errors
 * any.
 */
export function alertQueries(interval: string): string[] {
  const expressions = Deno.readTextFileSync(RULES).matchAll(/^ {8}expr: (?:>\n)?((?:.+)(?:\n {10}.+)*)/gm);
  return Array.from(expressions, ([, expression]) =>
    expression!.replaceAll(/\s+/g, " ")
      .replaceAll(/ (?:==|[<>]=?) [\d.]+/g, "")
      .replaceAll(/\[\d+[mh]\]/g, `[${interval}]`)
      .replaceAll(/error=~"[^"]*"/g, 'error=~".+"')
      .trim());
}

/** The metric and label that each of the dashboard's variables is filled from. */
export function variableSources(): { readonly metric: string; readonly label: string }[] {
  return dashboard().templating.list.filter(({ type }) => type === "query").map(({ definition }) => {
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition ?? "") ?? [];
    if (metric === undefined || label === undefined) {
      throw new Error(`Variable of "${definition}" is of no known form`);
    }
    return { metric, label };
  });
}

/** The names of our metrics in a text, without what histograms put behind them. */
export function namesIn(text: string): Set<string> {
  const names = text.match(/\b(weir|kafka|process)_[a-z_]+\b/g) ?? [];
  return new Set(
    names.map((name) =>
      name.replace(/_duration_seconds_(bucket|sum|count)$/, "_duration_seconds")
        .replace(/_lag_seconds_bucket$/, "_lag_seconds")
    ),
  );
}
