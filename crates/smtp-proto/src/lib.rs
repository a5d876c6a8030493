//! SMTP.
#![no_std]
