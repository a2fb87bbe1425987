//! Which labels the result of an expression has, and what in it cannot be.

use promql_parser::{
    label::{MatchOp, Matcher},
    parser::{
        self, AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, VectorSelector,
        value::ValueType,
    },
};

use super::catalogue::{Catalogue, Labels};

/// The labels of the expression's result, and its problems.
pub(super) fn labels_of(catalogue: &Catalogue, expression: &str) -> (Labels, Vec<String>) {
    match parser::parse(expression) {
        Ok(parsed) => {
            let mut reader = Reader { catalogue, problems: Vec::new() };
            (reader.labels(&parsed), reader.problems)
        }
        Err(error) => (Labels::new(), vec![format!("{error}: {expression}")]),
    }
}

struct Reader<'a> {
    catalogue: &'a Catalogue,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn labels(&mut self, expression: &Expr) -> Labels {
        match expression {
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Call(call) => self.call(call),
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs),
            Expr::Paren(inner) => self.labels(&inner.expr),
            Expr::Unary(inner) => self.labels(&inner.expr),
            Expr::Subquery(inner) => self.labels(&inner.expr),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Labels::new(),
        }
    }

    fn selector(&mut self, selector: &VectorSelector) -> Labels {
        let matchers =
            || selector.matchers.matchers.iter().chain(selector.matchers.or_matchers.iter().flatten());
        let named = matchers().find(|matcher| matcher.name == "__name__").map(|matcher| &matcher.value);
        let name = selector.name.as_ref().or(named).cloned().unwrap_or_default();
        let Some(labels) = self.catalogue.get(&name) else {
            self.problems.push(format!("there is no metric `{name}`"));
            return Labels::new();
        };
        let used = matchers().map(|matcher| matcher.name.as_str()).filter(|name| *name != "__name__");
        self.must_have(&name, labels, used);
        let own = matchers().filter(|matcher| !["__name__", "job", "instance"].contains(&&*matcher.name));
        let values = own.flat_map(|matcher| matcher.value.split('|')).filter(|value| !value.is_empty());
        for value in self.catalogue.unknown_values(&name, values) {
            self.problems.push(format!("`{name}` never has a label `{value}`"));
        }
        labels.clone()
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr) -> Labels {
        let inner = self.labels(&aggregate.expr);
        if let Some(modifier) = &aggregate.modifier {
            let operation = aggregate.op.to_string();
            self.must_have(&operation, &inner, names(modifier));
        }
        // These choose series and change none.
        if ["topk", "bottomk", "limitk"].contains(&aggregate.op.to_string().as_str()) {
            return inner;
        }
        match &aggregate.modifier {
            Some(LabelModifier::Include(by)) => by.labels.iter().cloned().collect(),
            Some(LabelModifier::Exclude(without)) => {
                inner.into_iter().filter(|label| !without.labels.contains(label)).collect()
            }
            None => Labels::new(),
        }
    }

    fn call(&mut self, call: &Call) -> Labels {
        let mut labels = Labels::new();
        for argument in &call.args.args {
            labels.extend(self.labels(argument));
        }
        match call.func.name {
            "histogram_quantile" if !labels.remove("le") => {
                self.problems.push("histogram_quantile of what has no `le`".to_owned());
            }
            "absent" | "absent_over_time" => {
                return call.args.args.first().map_or_else(Labels::new, |arg| asked_for(arg));
            }
            "scalar" => return Labels::new(),
            _ => {}
        }
        labels
    }

    fn binary(&mut self, binary: &BinaryExpr) -> Labels {
        let (left, right) = (self.labels(&binary.lhs), self.labels(&binary.rhs));
        if binary.lhs.value_type() == ValueType::Scalar {
            return right;
        }
        if binary.rhs.value_type() == ValueType::Scalar {
            return left;
        }
        let modifier = binary.modifier.as_ref();
        let matching = modifier.and_then(|modifier| modifier.matching.as_ref());
        let operation = binary.op.to_string();
        match matching {
            Some(matching) => {
                self.must_have(&operation, &left, names(matching));
                self.must_have(&operation, &right, names(matching));
            }
            None if operation != "or" && left != right => {
                self.problems.push(format!("the sides of `{operation}` never match: {left:?} and {right:?}"));
            }
            None => {}
        }
        match (operation.as_str(), modifier.map(|modifier| &modifier.card), matching) {
            ("or", ..) => left.union(&right).cloned().collect(),
            ("and" | "unless", ..) => left,
            (_, Some(VectorMatchCardinality::ManyToOne(taken)), _) => {
                self.must_have("group_left", &right, taken.labels.iter().map(String::as_str));
                left.into_iter().chain(taken.labels.iter().cloned()).collect()
            }
            (_, Some(VectorMatchCardinality::OneToMany(taken)), _) => {
                self.must_have("group_right", &left, taken.labels.iter().map(String::as_str));
                right.into_iter().chain(taken.labels.iter().cloned()).collect()
            }
            (_, _, Some(LabelModifier::Include(on))) => on.labels.iter().cloned().collect(),
            (_, _, Some(LabelModifier::Exclude(ignored))) => {
                left.into_iter().filter(|label| !ignored.labels.contains(label)).collect()
            }
            _ => left,
        }
    }

    fn must_have<'a>(&mut self, whose: &str, labels: &Labels, used: impl Iterator<Item = &'a str>) {
        let lost = used.filter(|label| !labels.contains(*label));
        self.problems.extend(lost.map(|label| format!("`{whose}` has no label `{label}`")));
    }
}

/// What `absent` gives: the labels that its argument asks for by `=`.
fn asked_for(expression: &Expr) -> Labels {
    let by_value = |matcher: &&Matcher| matches!(matcher.op, MatchOp::Equal) && matcher.name != "__name__";
    match expression {
        Expr::VectorSelector(selector) => {
            selector.matchers.matchers.iter().filter(by_value).map(|matcher| matcher.name.clone()).collect()
        }
        _ => Labels::new(),
    }
}

fn names(modifier: &LabelModifier) -> impl Iterator<Item = &str> {
    modifier.labels().labels.iter().map(String::as_str)
}
