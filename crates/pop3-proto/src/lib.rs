//! POP3.
#![no_std]
