/** Deletes a group with its offsets, after asking. */
import { html } from "hono/html";
import { failed } from "../failure.ts";
import { goTo, readForm, type Wrong, wrongOf } from "./form.ts";
import { groupNamed, groupPath } from "./group_facts.ts";
import { crumbs, heading, mayChange, type PageContext, readOnly, show, type Site } from "./layout.ts";
import { problem } from "./notices.ts";
import { counted } from "./words.ts";

/** Asks. */
export async function askDeleteGroup(
  site: Site,
  context: PageContext,
  wrong: Wrong | null = null,
): Promise<Response> {
  const { group, lags } = await groupNamed(site.view, context.req.query("id") ?? "");
  const name = group.group;
  const hasMembers = group.members.length > 0;
  const body = html`${
    heading("Delete the group", "", crumbs(["Groups", "/groups"], [name, groupPath(name)]))
  }${problem(wrong)}
${
    hasMembers
      ? html`<p class="notice">The group has ${
        counted(group.members.length, "member")
      }. Stop its consumers first.</p>`
      : ""
  }${
    !mayChange(site) ? readOnly() : html`
      <form method="post" action="${groupPath(name, "/delete")}" class="card form">
        <input type="hidden" name="id" value="${name}">
        <p>This deletes <strong>${name}</strong> and the offsets it committed in ${counted(
          lags.length,
          "partition",
        )}. Its consumers would begin anew, where <code>auto.offset.reset</code> tells them to. Records stay.</p>
        <div
          class="line"><button type="submit" class="danger" ${hasMembers
            ? html`disabled`
            : ""}>Delete the group</button><a class="button" href="${groupPath(name)}">Keep it</a></div>
      </form>
    `
  }`;
  const status = wrong?.status ?? 200;
  return await show(site, context, { title: `Delete ${name}`, section: "Groups", body, status });
}

/** Does it. */
export async function deleteGroup(site: Site, context: PageContext): Promise<Response> {
  const group = (await readForm(site, context)).get("id") ?? "";
  try {
    const reply = await site.view.ask({ kind: "delete_groups", groups: [group] });
    if (reply.kind === "failed") throw failed(reply.fault);
    const fault = reply.kind === "groups_deleted" ? reply.groups[0]?.fault ?? null : null;
    if (fault !== null) throw failed(fault);
  } catch (error) {
    return await askDeleteGroup(site, context, wrongOf(error));
  }
  return goTo(context, "/groups", "group-deleted");
}
