-- All of them.
select id
frm customers
