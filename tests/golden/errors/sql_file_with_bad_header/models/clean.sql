-- Customers.
-- description: good ones
-- checks:
--   - uniqe: id
select id from customers
