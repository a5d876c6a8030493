//! Whose mailbox an address is.
use crate::store::{AccountId, Address, Store, StoreError};
use smtp_proto::{ForwardPath, server::Rejection};

/// Whose mailbox `path` is, and what it is called.
pub(super) async fn resolve<S: Store>(
    store: &S,
    path: &ForwardPath,
) -> Result<Result<(AccountId, String), Rejection>, StoreError> {
    let mailbox = match path {
        ForwardPath::Path(path) => path.mailbox(),
        ForwardPath::Postmaster => {
            let account = postmaster(store).await?.ok_or_else(Rejection::mailbox_unavailable);
            return Ok(account.map(|account| (account, "postmaster".to_owned())));
        }
    };
    let address = Address::try_from(mailbox);
    let found = match &address {
        Ok(address) => store.account(address).await?,
        Err(_) => None,
    };
    if let Some(account) = found {
        return Ok(Ok((account, mailbox.as_str().to_owned())));
    }
    if !store.has_domain(&mailbox.domain().to_string()).await? {
        return Ok(Err(Rejection::relaying_denied()));
    }
    let is_postmaster = address.is_ok_and(|address| address.local_part() == "postmaster");
    let account = if is_postmaster { postmaster(store).await? } else { None };
    let found = account.map(|account| (account, mailbox.as_str().to_owned()));
    Ok(found.ok_or_else(Rejection::mailbox_unavailable))
}

/// Who reads the postmaster's mail: an account of that name, or the oldest. Every server has one
/// (RFC 5321 section 4.5.1).
async fn postmaster<S: Store>(store: &S) -> Result<Option<AccountId>, StoreError> {
    let accounts = store.accounts().await?;
    let named = accounts.iter().find(|account| account.address.local_part() == "postmaster");
    Ok(named.or(accounts.iter().min_by_key(|account| account.id)).map(|account| account.id))
}
