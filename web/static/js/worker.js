// One stream for all pages of a browser.
import { Stream, serve } from "./stream.js";

const stream = new Stream();
self.onconnect = (e) => serve(stream, e.ports[0]);
