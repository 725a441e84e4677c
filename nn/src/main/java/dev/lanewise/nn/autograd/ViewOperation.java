package dev.lanewise.nn.autograd;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.util.List;

/**
 * An operation whose only output is a view of its only input: the same elements under another
 * layout. Run eagerly it copies nothing; run into a given output it copies.
 */
public interface ViewOperation extends Operation {

    /** The view of the input that is this operation's output. */
    Tensor view(Tensor input);

    /** The shape of the view. */
    Shape outputShape(Shape input);

    @Override
    default List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(outputShape(inputs.get(0)));
    }

    @Override
    default void forward(Tensor[] inputs, Tensor[] outputs) {
        outputs[0].copyFrom(view(inputs[0]));
    }

    @Override
    default Tensor[] evaluate(Tensor[] inputs) {
        return new Tensor[] {view(inputs[0])};
    }
}
