//! AUTH.
use super::{
    Event, Server, Task,
    offer::may_log_in,
    request::{Auth, AuthResponse},
};
use crate::{Code, EnhancedCode, state::Verb};
use alloc::string::ToString;
use mail_wire::sasl;

impl Server {
    pub(super) fn auth(&mut self, auth: crate::Auth) -> Option<Event> {
        // rule rfc5321 4.2.4 auth-502: AUTH hears 502 where there are no mechanisms
        if self.config.authentication.mechanisms.is_empty() {
            return self.error(Code::NOT_IMPLEMENTED, EnhancedCode::permanent(5, 1), "AUTH is not offered");
        }
        // rule rfc4954 6 encryption-required-538: AUTH that needs TLS first hears 538 5.7.11
        if !may_log_in(&self.config, self.state) {
            return self.error(
                Code::ENCRYPTION_REQUIRED,
                EnhancedCode::permanent(7, 11),
                "encryption is required to log in",
            );
        }
        let crate::Auth { mechanism, initial } = auth;
        // rule rfc4954 4 mechanism-504: a mechanism that is not offered hears 504 5.5.4
        if !self.config.authentication.mechanisms.contains(&mechanism) {
            return self.error(
                Code::PARAMETER_NOT_IMPLEMENTED,
                EnhancedCode::permanent(5, 4),
                "mechanism is not offered",
            );
        }
        // rule rfc4954 4 exchange-begins: AUTH begins an exchange, in which no other command may stand
        self.advance(Verb::Auth);
        Some(self.ask(Event::Auth, Auth { mechanism, initial }))
    }

    pub(super) fn auth_response(&mut self, line: &[u8]) -> Option<Event> {
        match sasl::Response::parse(line) {
            Ok(sasl::Response::Data(octets)) => {
                return Some(self.ask(Event::AuthResponse, AuthResponse { octets }));
            }
            Ok(sasl::Response::Cancel) => {
                // rule rfc4954 4 cancelled-501: a response of "*" hears 501 5.7.0 [instead: None]
                self.error(Code::BAD_ARGUMENT, EnhancedCode::permanent(7, 0), "authentication cancelled")
            }
            Err(error) => self.error(Code::BAD_ARGUMENT, EnhancedCode::permanent(5, 2), &error.to_string()),
        };
        // rule rfc4954 4 may-try-again: an exchange that was given up leaves the session as it was
        self.advance(Verb::AuthFailure);
        // rule rfc4954 4 cancelled: behind a response of "*" commands come again
        if matches!(self.task, Task::AuthResponse) {
            self.resume();
        }
        Some(Event::AuthCancelled)
    }
}
