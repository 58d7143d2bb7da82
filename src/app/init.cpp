#include "app/init.h"

#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>

#include "app/text_file.h"

namespace mainstem::app {
namespace {

struct Template {
  const char* path;
  std::string_view text;  // NAME stands for the project's name
};

constexpr Template kTemplates[] = {
    {"mainstem.yaml", R"~(project: NAME
connections:
  data:      {type: files, path: data}
  warehouse: {type: duckdb, path: NAME.duckdb}
)~"},
    {"pipelines/shop.yaml", R"~(pipeline: shop
description: Revenue by customer, from a file of orders and a file of customers.

sources:
  orders:
    from: data
    path: orders.csv
    contract:
      columns: {order_id: bigint not null, amount: "decimal(12,2)"}
  customers:
    from: data
    path: customers.ndjson

transforms:
  clean_orders:
    sql: |
      select order_id, customer_id, ordered_on, amount
      from orders
      where status <> 'cancelled'
    checks:
      - unique: order_id
      - range: {column: amount, min: 0, on_fail: quarantine}
      - references: {column: customer_id, to: customers.customer_id, severity: warn}
  revenue:
    sql: models/revenue.sql
    checks:
      - not_null: [customer_id, revenue]

mask:
  customers.email: {method: partial}

targets:
  - {model: clean_orders, to: warehouse, table: clean_orders, mode: merge, key: order_id}
  - {model: revenue, to: warehouse, table: revenue}
)~"},
    {"models/revenue.sql", R"~(-- description: One row per customer with the number and value of their orders.
select c.customer_id,
       c.name,
       c.email,
       count(o.order_id)          as orders,
       coalesce(sum(o.amount), 0) as revenue,
       max(o.ordered_on)          as last_order
from customers as c
left join clean_orders as o using (customer_id)
group by all
order by revenue desc
)~"},
    {"tests/revenue.yaml", R"~(test: a customer without orders has no revenue
model: revenue
given:
  customers:
    - {customer_id: 1, name: Ada, email: ada@example.org}
    - {customer_id: 2, name: Bob, email: bob@example.org}
  clean_orders:
    columns: {order_id: bigint, customer_id: bigint, ordered_on: date, amount: "decimal(12,2)"}
    rows:
      - {order_id: 10, customer_id: 1, ordered_on: 2026-01-05, amount: 20.50}
expect:
  - {customer_id: 1, orders: 1, revenue: 20.50}
  - {customer_id: 2, orders: 0, revenue: 0}
)~"},
    {"data/orders.csv", R"~(order_id,customer_id,ordered_on,amount,status
1001,1,2026-01-05,120.50,paid
1002,2,2026-01-05,19.99,paid
1003,1,2026-01-07,75.00,shipped
1004,3,2026-01-08,-5.00,paid
1005,2,2026-01-09,240.00,cancelled
1006,4,2026-01-11,33.10,paid
1007,9,2026-01-12,12.00,paid
1008,3,2026-01-13,twelve,paid
)~"},
    {"data/customers.ndjson",
     R"~({"customer_id": 1, "name": "Ada Lovelace", "email": "ada@example.org", "country": "GB"}
{"customer_id": 2, "name": "Blaise Pascal", "email": "blaise@example.org", "country": "FR"}
{"customer_id": 3, "name": "Grace Hopper", "email": "grace@example.org", "country": "US"}
{"customer_id": 4, "name": "Konrad Zuse", "email": "konrad@example.org", "country": "DE"}
)~"},
    {".gitignore", ".mainstem/\n*.duckdb\n*.duckdb.wal\n"},
};

std::string named(std::string_view text, const std::string& name) {
  std::string result(text);
  for (size_t i = result.find("NAME"); i != std::string::npos; i = result.find("NAME", i + name.size()))
    result.replace(i, 4, name);
  return result;
}

bool is_project_name(const std::string& name) {
  if (name.empty() || !std::isalpha(static_cast<unsigned char>(name[0]))) return false;
  for (const unsigned char c : name)
    if (!std::isalnum(c) && c != '_' && c != '-') return false;
  return true;
}

}  // namespace

Result<std::vector<std::string>> init_project(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  const auto root = fs::absolute(folder.empty() ? "." : folder, code).lexically_normal();
  auto name = root.filename().string();
  if (name.empty()) name = root.parent_path().filename().string();
  if (!is_project_name(name))
    return Error(ErrorCode::invalid_config, fmt::format("'{}' cannot name a project", name))
        .hint("letters, digits, '_' and '-', a letter first: mainstem init shop");
  if (fs::exists(root, code) && (!fs::is_directory(root, code) || !fs::is_empty(root, code)))
    return Error(ErrorCode::already_exists, fmt::format("{} is not an empty folder", root.string()))
        .hint("name a new folder: mainstem init shop");
  std::vector<std::string> written;
  for (const auto& one : kTemplates) {
    const auto path = root / one.path;
    MS_TRY(write_text_file(path, named(one.text, name)));
    written.emplace_back(one.path);
  }
  return written;
}

}  // namespace mainstem::app
