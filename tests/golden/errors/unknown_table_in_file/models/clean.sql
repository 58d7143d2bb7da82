select id
from
  custmers;
