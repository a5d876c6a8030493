//! Values to octets. Each value is whole lines, their CRLF included, unless its method says otherwise.
mod capability;
mod command;
mod listing;
mod reply;

use mail_wire::Output;

fn crlf(out: &mut impl Output) {
    out.text(b"\r\n");
}
