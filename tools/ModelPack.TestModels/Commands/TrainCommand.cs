using System.CommandLine;
using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Training;

namespace ModelPack.TestModels.Commands;

/// <summary><c>train</c>: a base and a fine-tune of it, by training.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var into = new Argument<string>("INTO") { Description = "Folder for the files base_F32.safetensors, tuned_F32.safetensors and the same in BF16." };
        var width = new Option<int>("--width") { Description = "Numbers in each of the four hidden layers.", DefaultValueFactory = _ => 512 };
        var steps = new Option<int>("--steps") { Description = "Steps of training of the base.", DefaultValueFactory = _ => 2000 };
        var tunedSteps = new Option<int>("--tuned-steps") { Description = "Steps of training of the fine-tune.", DefaultValueFactory = _ => 500 };
        var rate = new Option<float>("--tuned-rate") { Description = "Learning rate of the fine-tune.", DefaultValueFactory = _ => 1e-5f };
        var command = new Command("train", "Trains a small network and then trains it further on a task that resembles the first, the same bytes on every machine.")
        {
            into, width, steps, tunedSteps, rate,
        };
        command.SetAction(arguments =>
        {
            string folder = arguments.GetRequiredValue(into);
            Directory.CreateDirectory(folder);
            var plan = new FineTunePlan(
                arguments.GetRequiredValue(width), 4, arguments.GetRequiredValue(steps), arguments.GetRequiredValue(tunedSteps), arguments.GetRequiredValue(rate));
            foreach (Dtype dtype in new[] { Dtype.F32, Dtype.BF16 })
            {
                (byte[] baseFile, byte[] tuned) = FineTune.Make(plan, dtype, line => Console.WriteLine($"{dtype.DisplayName()} {line}"));
                AtomicFile.Write(Path.Combine(folder, $"base_{dtype.DisplayName()}.safetensors"), stream => stream.Write(baseFile));
                AtomicFile.Write(Path.Combine(folder, $"tuned_{dtype.DisplayName()}.safetensors"), stream => stream.Write(tuned));
            }
        });
        return command;
    }

    /// <summary>The pair that is committed.</summary>
    public static IEnumerable<SmallModel> Small()
    {
        (byte[] baseFile, byte[] tuned) = FineTune.Make(new FineTunePlan(40, 2, 400, 200, 2e-5f), Dtype.BF16);
        return
        [
            new SmallModel("finetune/base.safetensors", "BF16, a network of 3.6 thousand parameters that was trained", baseFile),
            new SmallModel("finetune/tuned.safetensors", "the same network, trained further with a small learning rate", tuned),
        ];
    }
}
