package dev.lanewise.nn.autograd;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Backward without recording: gradients are added in place where nobody else sees them, those of
 * leaves are written to their final place, and those of intermediate values are released once they
 * have been passed on.
 */
final class GradientPass extends Backward {

    /** Memory of gradients, with the number of slots whose gradients lie in it. */
    private static final class Share {
        final Tensor tensor;
        int users;

        Share(Tensor tensor) {
            this.tensor = tensor;
        }
    }

    /** The gradient of one intermediate value so far; without a share its memory is not ours. */
    private static final class Slot {
        Variable gradient;
        Share share;
    }

    private final Tape tape;
    private final Gradients leaves;
    private final Scope target = Scope.current();

    private Slot[][] slots;

    // What the current node's gradient works in.
    private Slot[] current;
    private Scope step;
    private final List<Share> fresh = new ArrayList<>();
    private final List<Tensor> taken = new ArrayList<>();

    GradientPass(Tape tape, Gradients leaves) {
        this.tape = tape;
        this.leaves = leaves;
    }

    void run(Variable loss, Variable seed) {
        int last = loss.node();
        if (last == Variable.LEAF) {
            addToLeaf(loss, seed.value());
            return;
        }
        slots = new Slot[last + 1][];
        slot(loss).gradient = seed;
        for (int i = last; i >= 0; i--) {
            if (slots[i] != null) {
                visit(i);
            }
        }
    }

    private void visit(int index) {
        Tape.Node node = tape.node(index);
        current = slots[index];
        enter(node);
        try (Scope opened = Scope.open()) {
            step = opened;
            node.operation().gradient(this);
        }
        fresh.clear();
        taken.clear();
        for (Slot slot : current) {
            if (slot != null) {
                drop(slot);
            }
        }
        slots[index] = null;
    }

    @Override
    public boolean needs(int input) {
        Variable variable = node().inputs()[input];
        return variable.isTrackedBy(tape) && variable.value().type() == ElementType.FLOAT32;
    }

    @Override
    public boolean hasOutputGradient(int output) {
        return current[output] != null;
    }

    @Override
    public Variable outputGradient(int output) {
        if (current[output] == null) {
            return Variable.of(Scope.current().zeros(outputShape(output)));
        }
        return current[output].gradient;
    }

    @Override
    public void give(int input, Variable gradient) {
        if (!needs(input)) {
            return;
        }
        checkGiven(input, gradient.shape());
        Variable to = node().inputs()[input];
        if (to.node() == Variable.LEAF) {
            addToLeaf(to, gradient.value());
        } else {
            addToSlot(slot(to), gradient.value());
        }
    }

    @Override
    public void give(int input, Operation operation, Variable... operands) {
        if (!needs(input)) {
            return;
        }
        Tensor[] values = Recording.values(operands);
        checkGiven(input, operation.outputShapes(Shapes.of(values)).get(0));
        Variable to = node().inputs()[input];
        boolean done =
                to.node() == Variable.LEAF
                        ? computeIntoLeaf(to, operation, values)
                        : accumulateIntoSlot(slot(to), operation, values);
        if (!done) {
            give(input, Variable.of(operation.evaluate(values)[0]));
        }
    }

    // ---- leaves: parameters and watched variables ----

    private boolean computeIntoLeaf(Variable leaf, Operation operation, Tensor[] values) {
        if (leaves.has(leaf)) {
            return operation.accumulate(values, leaves.of(leaf));
        }
        Tensor place = leaves.placeOf(leaf);
        if (place == null) {
            return false;
        }
        operation.forward(values, new Tensor[] {place});
        leaves.put(leaf, place);
        return true;
    }

    private void addToLeaf(Variable leaf, Tensor gradient) {
        Tensor place = leaves.placeOf(leaf);
        if (leaves.has(leaf)) {
            Elementwise.add(place, gradient, place);
            return;
        }
        if (place != null) {
            place.copyFrom(gradient);
        } else if (gradient.scope() == step && gradient.isContiguous()) {
            place = target.keep(gradient);
            taken.add(place);
        } else {
            place = target.keep(gradient.copy());
        }
        leaves.put(leaf, place);
    }

    // ---- intermediate values ----

    private Slot slot(Variable variable) {
        Slot[] ofNode = slots[variable.node()];
        if (ofNode == null) {
            ofNode = new Slot[tape.node(variable.node()).outputs().length];
            slots[variable.node()] = ofNode;
        }
        Slot slot = ofNode[variable.output()];
        if (slot == null) {
            slot = new Slot();
            ofNode[variable.output()] = slot;
        }
        return slot;
    }

    private boolean accumulateIntoSlot(Slot slot, Operation operation, Tensor[] values) {
        return isExclusive(slot) && operation.accumulate(values, slot.gradient.value());
    }

    private void addToSlot(Slot slot, Tensor gradient) {
        if (slot.gradient == null) {
            hold(slot, gradient);
        } else if (isExclusive(slot)) {
            Tensor sum = slot.gradient.value();
            Elementwise.add(sum, gradient, sum);
        } else {
            Tensor sum = Elementwise.add(slot.gradient.value(), gradient);
            drop(slot);
            hold(slot, sum);
        }
    }

    /** Whether no other slot's gradient lies in the memory of this one, so that it may change. */
    private static boolean isExclusive(Slot slot) {
        return slot.share != null && slot.share.users == 1 && slot.gradient.value().isContiguous();
    }

    private void hold(Slot slot, Tensor gradient) {
        Tensor held = gradient;
        for (Tensor leaf : taken) {
            if (leaf.sharesMemoryWith(gradient)) {
                held = gradient.copy();
                break;
            }
        }
        slot.gradient = Variable.of(held);
        slot.share = shareOf(held);
        if (slot.share != null) {
            slot.share.users++;
        }
    }

    private Share shareOf(Tensor gradient) {
        for (Slot slot : current) {
            if (slot != null
                    && slot.share != null
                    && slot.share.tensor.sharesMemoryWith(gradient)) {
                return slot.share;
            }
        }
        for (Share share : fresh) {
            if (share.tensor.sharesMemoryWith(gradient)) {
                return share;
            }
        }
        if (gradient.scope() != step) {
            return null;
        }
        Share share = new Share(target.keep(gradient));
        fresh.add(share);
        return share;
    }

    private static void drop(Slot slot) {
        Share share = slot.share;
        if (share != null && --share.users == 0) {
            // A scope of its own that closes at once gives the memory back before the step ends.
            try (Scope end = Scope.detached()) {
                end.keep(share.tensor);
            }
        }
        slot.gradient = null;
        slot.share = null;
    }
}
