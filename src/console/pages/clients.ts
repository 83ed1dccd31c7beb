/** Who is connected: connections one by one, and the clients they belong to. */
import { html } from "hono/html";
import type { ConnectionView } from "../view.ts";
import { empty, heading, type Html, type PageContext, show, type Site, table } from "./layout.ts";
import { bytes, count, counted, duration } from "./words.ts";

const PAGE = 500;

export async function clients(site: Site, context: PageContext): Promise<Response> {
  await site.pulse.look();
  const nowMs = site.view.nowMs();
  const wanted = (context.req.query("find") ?? "").trim().toLowerCase();
  const all = site.view.connections();
  const found = all.filter(({ clientId, software, remote, door }) =>
    `${clientId} ${software} ${remote} ${door}`.toLowerCase().includes(wanted)
  );
  const shown = [...found].sort((a, b) => b.bytesIn + b.bytesOut - a.bytesIn - a.bytesOut).slice(0, PAGE);
  const body = html`${heading("Clients")}
<form class="line" method="get" role="search"><label>Find a connection
<input type="search" name="find" value="${wanted}" placeholder="client id, software or address" autocomplete="off" spellcheck="false"></label>
<button type="submit">Find</button></form>
${
    found.length === 0
      ? nothing(site, wanted)
      : html`<h2>Clients</h2>${byClient(found)}<h2>Connections</h2>${connections(shown, nowMs)}`
  }
<p class="words">${counted(found.length, "connection")}${
    found.length > shown.length ? `, the ${PAGE} with most bytes are shown` : ""
  }</p>`;
  return await show(site, context, { title: "Clients", section: "Clients", body });
}

function nothing({ view }: Site, wanted: string): Html {
  if (wanted !== "") {
    return empty(`No connection fits "${wanted}"`, html`<a href="/clients">Show all connections</a>`);
  }
  const { kafka, native } = view.identity.addresses;
  return empty(
    "Nobody is connected",
    html`Kafka clients connect to <code>${kafka ?? "a door that is off"}</code>, native ones to <code>${
      native ?? "a door that is off"
    }</code>.`,
  );
}

function byClient(connections: readonly ConnectionView[]): Html {
  const sums = new Map<string, { software: string; connections: number; requests: number; bytes: number }>();
  for (const { clientId, software, requests, bytesIn, bytesOut } of connections) {
    const sum = sums.get(clientId) ?? { software, connections: 0, requests: 0, bytes: 0 };
    sum.connections++;
    sum.requests += requests;
    sum.bytes += bytesIn + bytesOut;
    sums.set(clientId, sum);
  }
  const rows = [...sums].sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, PAGE).map(([name, sum]) =>
    html`
      <tr>
        <th scope="row">${name || "no name"}</th>
        <td>${sum.software || "–"}</td>
        <td class="number">${count(sum.connections)}</td>
        <td class="number">${count(sum.requests)}</td>
        <td class="number">${bytes(sum.bytes)}</td>
      </tr>
    `
  );
  return table("Clients", ["Client", "Software", "#Connections", "#Requests", "#Bytes"], rows);
}

function connections(all: readonly ConnectionView[], nowMs: number): Html {
  const rows = all.map(({ door, remote, clientId, openedMs, requests, bytesIn, bytesOut, waiting }) =>
    html`
      <tr>
        <th scope="row"><code>${remote}</code></th>
        <td>${clientId || "no name"}</td>
        <td>${door}</td>
        <td class="number">${duration(Math.max(0, nowMs - openedMs))}</td>
        <td class="number">${count(requests)}</td>
        <td class="number">${bytes(bytesIn)}</td>
        <td class="number">${bytes(bytesOut)}</td>
        <td class="number">${count(waiting)}</td>
      </tr>
    `
  );
  return table("Connections", [
    "Address",
    "Client",
    "Door",
    "#Open for",
    "#Requests",
    "#Received",
    "#Sent",
    "#Waiting",
  ], rows);
}
