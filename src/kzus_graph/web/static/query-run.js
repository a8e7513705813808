// Running a query: the seconds that it takes, how to stop it, and afterwards the number of rows and the time.
import { _, plural } from "./query-words.js";

const TICK = 100;
const seconds = (time) => (time / 1000).toFixed(time < 10_000 ? 2 : 1);

export class Running {
  /** *bar* has the buttons run and stop, the clock and what is said; *front* returns the tab in front. */
  constructor(bar, front) {
    const at = (name) => bar.querySelector(`#${name}`);
    [this.run, this.stop, this.clock, this.said] = ["run", "stop", "clock", "outcome"].map(at);
    this.front = front;
    this.states = new WeakMap();
    this.run.addEventListener("click", () => this.start());
    this.stop.addEventListener("click", () => this.end());
    setInterval(() => this.tick(), TICK);
  }

  /** Run the query of the tab in front, and stop the one that still runs there. */
  start() {
    const tab = this.front();
    this.cancel(tab);
    tab.query().catch(() => {});
  }

  /** Stop the query of the tab in front: the server notices that nobody waits for the answer, and ends the work on it. */
  end() {
    const tab = this.front();
    const since = this.states.get(tab)?.since;
    if (!this.cancel(tab)) return;
    this.say(tab, _("Stopped after {seconds} s", { seconds: seconds(performance.now() - since) }));
    this.run.focus();
  }

  cancel(tab) {
    const state = this.states.get(tab);
    if (!state?.since) return false;
    // YASQE draws every other end of a request as an error
    state.aborter.abort(new Error("Aborted"));
    tab.getYasqe().abortQuery();
    state.since = 0;
    return true;
  }

  attach(tab) {
    const yasqe = tab.getYasqe();
    const keys = { "Ctrl-Enter": () => this.start(), "Cmd-Enter": () => this.start() };
    yasqe.setOption("extraKeys", { ...yasqe.getOption("extraKeys"), ...keys });
    yasqe.on("query", (_yasqe, _request, aborter) => {
      this.states.set(tab, { since: performance.now(), aborter, said: "" });
      this.say(tab, _("Running …"));
    });
    yasqe.on("queryResponse", (_yasqe, answer, took) => {
      const state = this.states.get(tab);
      if (!state) return;
      state.since = 0;
      this.say(tab, answer instanceof Error ? _("No answer, after {seconds} s", { seconds: seconds(took) }) : this.outcome(tab, took));
    });
  }

  /** What there was, in words; read when the answer was parsed, which is after this event for others, so on a later turn. */
  outcome(tab, took) {
    setTimeout(() => {
      const state = this.states.get(tab);
      if (!state || state.since) return;
      const results = tab.getYasr().results;
      const time = { seconds: seconds(took) };
      const graph = ["CONSTRUCT", "DESCRIBE"].includes(tab.getYasqe().getQueryType());
      const rows = results?.getBindings()?.length;
      if (rows === undefined) this.say(tab, _("Answer in {seconds} s", time));
      else if (graph) this.say(tab, plural(rows, "{n} triple in {seconds} s", "{n} triples in {seconds} s", time));
      else this.say(tab, plural(rows, "{n} row in {seconds} s", "{n} rows in {seconds} s", time));
      tab.emit("outcome", tab, { rows, took });
    });
    return "";
  }

  say(tab, text) {
    const state = this.states.get(tab) ?? { since: 0 };
    state.said = text;
    this.states.set(tab, state);
    this.show();
  }

  /** Let the bar speak of the tab in front. */
  show() {
    const state = this.states.get(this.front());
    this.stop.hidden = !state?.since;
    this.said.textContent = state?.said ?? "";
    this.tick();
  }

  tick() {
    const since = this.states.get(this.front())?.since;
    this.clock.textContent = since ? _("{seconds} s", { seconds: ((performance.now() - since) / 1000).toFixed(1) }) : "";
  }
}
