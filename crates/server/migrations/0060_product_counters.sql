-- Totals of products and problem types are counted like those of accounts and users, and each has its own index.

DROP INDEX cases_by_product;
CREATE INDEX cases_by_product ON cases (account_id, product_id, case_no, status);
CREATE INDEX cases_by_problem ON cases (account_id, problem_id, case_no, status);

INSERT INTO counters (account_id, scope, name, amount)
SELECT account_id, 'products:' || product_id, problem_id || '/' || CAST(status AS TEXT), COUNT(*)
FROM cases WHERE product_id IS NOT NULL GROUP BY account_id, product_id, problem_id, status;
