package dev.lanewise.nn.autograd;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Backward that is itself recorded: every gradient is a variable made by operations, and only the
 * paths that lead to the wanted variables are followed.
 */
final class DifferentiationPass extends Backward {

    private final Tape tape;
    private final List<Variable> wanted;
    private final Map<Variable, Boolean> wantedLeaves = new IdentityHashMap<>();
    private final Map<Variable, Variable> leafGradients = new IdentityHashMap<>();
    private final boolean[][] wantedOutputs;
    private final boolean[] leads;
    private final Variable[][] gradients;
    private Variable[] current;

    DifferentiationPass(Tape tape, Variable result, List<Variable> wanted) {
        this.tape = tape;
        this.wanted = wanted;
        int nodes = result.node() + 1;
        gradients = new Variable[nodes][];
        wantedOutputs = new boolean[nodes][];
        leads = new boolean[nodes];
        for (Variable variable : wanted) {
            int node = variable.node();
            if (node == Variable.LEAF) {
                wantedLeaves.put(variable, true);
            } else if (node < nodes) {
                if (wantedOutputs[node] == null) {
                    wantedOutputs[node] = new boolean[tape.node(node).outputs().length];
                }
                wantedOutputs[node][variable.output()] = true;
            }
        }
        for (int i = 0; i < nodes; i++) {
            for (Variable input : tape.node(i).inputs()) {
                leads[i] |= leads(input);
            }
        }
    }

    /** Whether the gradient of this variable is wanted, or needed for one that is. */
    private boolean leads(Variable variable) {
        int node = variable.node();
        if (node == Variable.LEAF) {
            return wantedLeaves.containsKey(variable);
        }
        return variable.isTrackedBy(tape)
                && (leads[node]
                        || wantedOutputs[node] != null && wantedOutputs[node][variable.output()]);
    }

    List<Variable> run(Variable result, Variable seed) {
        add(result, seed);
        for (int i = result.node(); i >= 0; i--) {
            if (gradients[i] != null && leads[i]) {
                current = gradients[i];
                enter(tape.node(i));
                node().operation().gradient(this);
                if (wantedOutputs[i] == null) {
                    gradients[i] = null;
                }
            }
        }
        List<Variable> found = new ArrayList<>(wanted.size());
        for (Variable variable : wanted) {
            Variable gradient = gradientOf(variable);
            found.add(
                    gradient != null
                            ? gradient
                            : Variable.of(Scope.current().zeros(variable.shape())));
        }
        return found;
    }

    private Variable gradientOf(Variable variable) {
        int node = variable.node();
        if (node == Variable.LEAF) {
            return leafGradients.get(variable);
        }
        return node < gradients.length && gradients[node] != null
                ? gradients[node][variable.output()]
                : null;
    }

    @Override
    public boolean needs(int input) {
        Variable variable = node().inputs()[input];
        return leads(variable) && variable.value().type() == ElementType.FLOAT32;
    }

    @Override
    public boolean hasOutputGradient(int output) {
        return current[output] != null;
    }

    @Override
    public Variable outputGradient(int output) {
        return current[output] != null
                ? current[output]
                : Variable.of(Scope.current().zeros(outputShape(output)));
    }

    @Override
    public void give(int input, Variable gradient) {
        if (needs(input)) {
            checkGiven(input, gradient.shape());
            add(node().inputs()[input], gradient);
        }
    }

    @Override
    public void give(int input, Operation operation, Variable... operands) {
        if (needs(input)) {
            give(input, operation.apply(operands));
        }
    }

    private void add(Variable to, Variable gradient) {
        if (to.node() == Variable.LEAF) {
            leafGradients.merge(to, gradient, DifferentiationPass::sum);
            return;
        }
        Variable[] ofNode = gradients[to.node()];
        if (ofNode == null) {
            ofNode = new Variable[tape.node(to.node()).outputs().length];
            gradients[to.node()] = ofNode;
        }
        Variable before = ofNode[to.output()];
        ofNode[to.output()] = before == null ? gradient : sum(before, gradient);
    }

    private static Variable sum(Variable a, Variable b) {
        return new Accumulate().apply(a, b);
    }
}
