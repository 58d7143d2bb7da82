select id
from café
